package cluster

import (
	"slices"
	"time"
)

// FaultKind is a way to fail.
type FaultKind string

// Faults of an answer. They hit any endpoint.
const (
	FaultUnauthorized   FaultKind = "401"
	FaultForbidden      FaultKind = "403"
	FaultNotFound       FaultKind = "404"
	FaultRateLimit      FaultKind = "429"
	FaultInternal       FaultKind = "500"
	FaultUnavailable    FaultKind = "503"
	FaultHTML           FaultKind = "html"      // 200 with a web page
	FaultTruncated      FaultKind = "truncated" // ends before its Content-Length
	FaultStall          FaultKind = "stall"     // stops in mid-body and stays open
	FaultCut            FaultKind = "cut"       // connection reset in mid-body
	FaultEcho           FaultKind = "echo"      // 400 that quotes the request, its token too
	FaultBadRequest     FaultKind = "400"       // with constraint violations
	FaultBadGateway     FaultKind = "502"       // a proxy's, in HTML
	FaultGatewayTimeout FaultKind = "504"       // likewise
	FaultNotModified    FaultKind = "304"       // whatever was asked for
	FaultLong           FaultKind = "long"      // goes on behind its Content-Length, which says half
	FaultGzip           FaultKind = "gzip"      // packed by a proxy, whatever was asked for
	FaultEncoding       FaultKind = "encoding"  // in a Content-Encoding that nobody knows
	FaultSilent         FaultKind = "silent"    // takes the request and never answers
)

// FaultOtherChecksum makes the checksum endpoint name another installer. It hits
// that endpoint alone.
const FaultOtherChecksum FaultKind = "other checksum"

// Faults of an installer. They hit that endpoint alone.
const (
	FaultScriptFails FaultKind = "script fails" // exits non-zero
	FaultNoManifest  FaultKind = "no manifest"
	FaultSnoop       FaultKind = "snoop"      // looks for secrets and a network
	FaultBackground  FaultKind = "background" // leaves a process that writes into the tree
	FaultBadChecksum FaultKind = "bad checksum"
	FaultWrongArch   FaultKind = "wrong arch" // of the preload library
	FaultNeedsMusl   FaultKind = "needs musl" // the preload library, as no real one does
	// These print all that the cluster knows and leave it in odd places; see
	// [PlantedPaths].
	FaultTells         FaultKind = "tells"           // and ends well
	FaultTellsAndFails FaultKind = "tells and fails" // exits non-zero
	FaultTellsAndHangs FaultKind = "tells and hangs" // makes agent/hanging and does not end
	// These are a script's own failures. With type paas they are none.
	FaultNoFiles     FaultKind = "no files"  // an empty folder, and exit code 0
	FaultNoFolder    FaultKind = "no folder" // not even that, and exit code 0
	FaultSilentFails FaultKind = "silent and fails"
	FaultHangs       FaultKind = "hangs"            // sleeps, and prints nothing
	FaultFillsDisk   FaultKind = "fills the disk"   // writes until it cannot, or has written [fill] bytes
	FaultOutside     FaultKind = "writes outside"   // tries to put [Outside] elsewhere, and works
	FaultWantsRoot   FaultKind = "wants root"       // fails as another user
	FaultBashSyntax  FaultKind = "bash syntax"      // under #!/bin/bash; works with bash, as the next ones
	FaultBashByEnv   FaultKind = "bash by env"      // the same under #!/usr/bin/env bash
	FaultBashChecked FaultKind = "checks for bash"  // and says that it wants it
	FaultBashCalled  FaultKind = "calls bash"       // bash -c
	FaultBashBecome  FaultKind = "becomes bash"     // exec bash "$0"
	FaultBashUnnamed FaultKind = "bash in disguise" // bash's syntax under #!/bin/sh
)

// Scripts that work, in a way that they may have. With type paas they are as
// any.
const (
	ScriptSilent      FaultKind = "silent script"
	ScriptNamesBash   FaultKind = "bash in name only"    // plain sh under #!/bin/bash
	ScriptFixedPrefix FaultKind = "fixed prefix"         // installs below /opt whatever it is told
	ScriptUsesTools   FaultKind = "uses tools"           // see tools.sh.tmpl
	ScriptAsksMachine FaultKind = "asks for the machine" // and fails on one of another arch
)

// Faults of an installer's archive, which then holds what no agent does. Scripts
// leave to tar what becomes of it.
const (
	FaultTraversal  FaultKind = "traversal"   // names that lead elsewhere
	FaultHardLink   FaultKind = "hard link"   // to a file elsewhere
	FaultSymlink    FaultKind = "symlink"     // to an absolute path
	FaultSymlinks   FaultKind = "symlinks"    // that lead out together only
	FaultDevice     FaultKind = "device"      // such as /dev/null
	FaultPipe       FaultKind = "pipe"        // which blocks who opens it
	FaultSetuid     FaultKind = "setuid"      // file, of whoever unpacks it
	FaultDouble     FaultKind = "double"      // two files of one name
	FaultZeros      FaultKind = "zeros"       // many, packed in few bytes
	FaultPackedBomb FaultKind = "packed bomb" // the same in a file of the agent
	FaultMany       FaultKind = "many"        // 10 million files; with tar only
)

var installerFaults = []FaultKind{
	FaultScriptFails, FaultNoManifest, FaultSnoop, FaultBackground, FaultBadChecksum, FaultWrongArch, FaultNeedsMusl,
	FaultTells, FaultTellsAndFails, FaultTellsAndHangs,
	FaultNoFiles, FaultNoFolder, FaultSilentFails, FaultHangs, FaultFillsDisk, FaultOutside, FaultWantsRoot,
	FaultBashSyntax, FaultBashByEnv, FaultBashChecked, FaultBashCalled, FaultBashBecome, FaultBashUnnamed,
	ScriptSilent, ScriptNamesBash, ScriptFixedPrefix, ScriptUsesTools, ScriptAsksMachine,
	FaultTraversal, FaultHardLink, FaultSymlink, FaultSymlinks, FaultDevice, FaultPipe, FaultSetuid, FaultDouble,
	FaultZeros, FaultPackedBomb, FaultMany,
}

// Fault makes requests to an environment fail.
type Fault struct {
	Kind FaultKind
	// On are the endpoints that it hits, by default all but check-ins.
	On []Endpoint
	// Times is how many requests it hits before it is over, by default all.
	Times int
	// Reset is when a rate limit ends, from now, by default a second. With
	// [FaultUnavailable] it is what Retry-After says, by default nothing.
	Reset time.Duration
	// After is how many bytes come before a body breaks off, by default half
	// of it.
	After int64
}

func (f Fault) ofInstaller() bool { return slices.Contains(installerFaults, f.Kind) }

func (f Fault) hits(endpoint Endpoint) bool {
	switch {
	case f.ofInstaller():
		return endpoint == EndpointInstaller
	case f.Kind == FaultOtherChecksum:
		return endpoint == EndpointChecksum
	case len(f.On) == 0:
		return endpoint != EndpointCommunication
	default:
		return slices.Contains(f.On, endpoint)
	}
}

// SetFault switches a fault on, beside those that are on. Where several hit a
// request the first does.
func (e *Environment) SetFault(f Fault) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f.Times == 0 {
		f.Times = -1
	}
	e.faults = append(e.faults, &f)
}

// ClearFaults switches all faults off.
func (e *Environment) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// Stalled is how many requests hang in [FaultStall] or [FaultSilent] by now.
func (e *Environment) Stalled() int { return int(e.stalled.Load()) }

// takeFault returns the fault for one request, and counts it.
func (e *Environment) takeFault(endpoint Endpoint) Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, f := range e.faults {
		if f.Times != 0 && f.hits(endpoint) {
			if f.Times > 0 {
				f.Times--
			}
			return *f
		}
	}
	return Fault{}
}
