// Package real takes the vendor's own agents through the whole product: built
// into images by the frontend, checked by dt-verify, started by dt-start, until
// they check in at the communication endpoint of the cluster that tests have.
// hack/test real fetches the agents and runs it.
package real
