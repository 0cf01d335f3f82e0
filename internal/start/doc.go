// Package start decides how an instrumented image's app starts: with the agent
// and the details of a cluster, or as it would without us.
//
// Make returns a Plan; it reads files through Files and asks a cluster through
// Cluster. In run-time mode it has the agent installed through Installer;
// beyond that it changes nothing. Plan.Exec carries it out. Where the three
// agent variables are given no file is read but the settings, the head of the
// app and /etc/ld.so.preload, since every start of a container pays for it.
//
// One planner takes the decisions, in one order. Make carries them out, and ends
// at the first obstacle. Diagnose prints them, looks for further obstacles, and
// asks what a person wants to know besides.
package start
