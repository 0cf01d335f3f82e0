package start

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
)

// Variables that tell dt-start itself what to do.
const (
	varTimeout   = variable.StartTimeout
	varOnError   = variable.StartOnError
	varKeepToken = agent.VarKeepToken
	varForce     = variable.StartForce
	varLog       = variable.StartLog
	// In run-time mode.
	varDownloadTimeout = variable.StartDownloadTimeout
	varAgentDir        = variable.AgentDir
)

// DefaultTimeout is how long an app waits at most for the cluster's answer.
const DefaultTimeout = 2 * time.Second

// DefaultDownloadTimeout is how long an app waits at most for its agent, in
// run-time mode.
const DefaultDownloadTimeout = 2 * time.Minute

// onError is what happens where the app would run unmonitored.
type onError int

const (
	onErrorUnset onError = iota
	onErrorSkip
	onErrorFail
)

type options struct {
	timeout   time.Duration
	onError   onError
	keepToken bool
	// trustImage counts unless the image itself sets it.
	trustImage bool
	force      bool
	log        format
}

// readOptions takes what it understands; a wrong word is said and leaves the
// default, since a typo must not keep an app from starting.
func (p *planner) readOptions() options {
	var o options
	o.log = p.logFormat()
	o.onError = p.onError()
	o.keepToken = p.flag(varKeepToken)
	o.trustImage = p.flag(agent.VarTrustImage)
	o.force = p.flag(varForce)
	o.timeout = p.timeout(varTimeout, DefaultTimeout)
	return o
}

func (p *planner) onError() onError {
	switch strings.ToLower(p.user.trimmed(varOnError)) {
	case "":
		return onErrorUnset
	case "fail":
		return onErrorFail
	case "skip":
		return onErrorSkip
	}
	p.warnInvalid(varOnError, "skip or fail")
	return onErrorUnset
}

func (p *planner) logFormat() format {
	switch strings.ToLower(p.user.trimmed(varLog)) {
	case "", "info", "text":
		return formatText
	case "debug":
		return formatDebug
	case "json":
		return formatJSON
	case "off":
		return formatOff
	}
	p.warnInvalid(varLog, "debug, json or off")
	return formatText
}

func (p *planner) flag(name string) bool {
	s := strings.ToLower(p.user.trimmed(name))
	switch s {
	case "true", "1", "yes", "on":
		return true
	case "", "false", "0", "no", "off":
		return false
	}
	p.warnInvalid(name, "true or false")
	return false
}

// warnInvalid names the variable alone: anything may stand in it by mistake.
func (p *planner) warnInvalid(name, want string) {
	p.plan.Log.add(levelWarn, fmt.Sprintf("%s is ignored: want %s", name, want))
}
