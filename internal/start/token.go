package start

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/org/dt-frontend/internal/agent"
	"github.com/org/dt-frontend/internal/agent/variable"
	"github.com/org/dt-frontend/internal/scan"
)

// varHideServices has the API token taken out of [varServices] for the app.
const varHideServices = variable.StartHideServices

// minSecret is the length from which the value of a token variable is hidden
// before anything is known of it. A shorter value is not a token, and may be a
// word of what is logged.
const minSecret = 16

// secretsOf hides the tokens that an environment holds by their names.
func secretsOf(env *environ) *scan.Redactor {
	out := scan.NewRedactor()
	for _, name := range agent.TokenVariables {
		if v := env.trimmed(name); len(v) >= minSecret {
			out.Add(scan.Value{Kind: name, Value: v})
		}
	}
	return out
}

// hide has a token hidden that a source or the cluster has given us.
func (p *planner) hide(kind variable.Kind, token string) {
	p.plan.Log.secrets.Add(scan.Value{Kind: string(kind), Value: token})
}

// hideTokens takes API tokens out of the app's environment.
func (p *planner) hideTokens() {
	if !p.keepsToken() {
		for _, name := range agent.APITokenVariables {
			p.env.unset(name)
		}
	}
	services := p.user.get(varServices)
	if services == "" || !p.flag(varHideServices) {
		return
	}
	blank, err := blankTokens(services)
	if err != nil {
		p.plan.Log.add(levelWarn, varServices+" is taken from the app: "+err.Error())
		p.env.unset(varServices)
		return
	}
	p.env.set(varServices, blank)
}

// keepsToken reports whether the app gets the API token. The image has no say in
// that.
func (p *planner) keepsToken() bool {
	v := p.user.get(varKeepToken)
	if p.options.keepToken && p.settings.Sets(varKeepToken, v) && !p.trustsImage() {
		p.plan.Log.add(levelWarn, varKeepToken+" is ignored: the image itself sets it ("+agent.VarTrustImage+"=true lets it)")
		return false
	}
	return p.options.keepToken
}

// blankTokens returns a platform's JSON without the API tokens of services that
// are named after us, wherever in it they stand. Every other byte stays.
func blankTokens(services string) (string, error) {
	list, err := parseServices([]byte(services))
	if err != nil {
		return "", err
	}
	var tokens []string
	for _, b := range list {
		if token := b.values[keyAPIToken]; token != "" {
			tokens = append(tokens, token)
		}
	}
	var out strings.Builder
	dec := json.NewDecoder(strings.NewReader(services))
	for done := 0; ; {
		from := int(dec.InputOffset())
		tok, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return out.String() + services[done:], nil
		case err != nil:
			return "", errServices
		}
		text, _ := tok.(string)
		blank := without(text, tokens)
		if blank == text {
			continue
		}
		literal, err := json.Marshal(blank)
		if err != nil {
			return "", errServices
		}
		// Only white space and punctuation stand before the text.
		begin := from + strings.IndexByte(services[from:], '"')
		out.WriteString(services[done:begin])
		out.Write(literal)
		done = int(dec.InputOffset())
	}
}

func without(text string, parts []string) string {
	for _, part := range parts {
		text = strings.ReplaceAll(text, part, "")
	}
	return text
}
