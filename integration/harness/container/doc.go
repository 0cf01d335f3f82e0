// Package container runs images that tests have built, as apps.
package container
