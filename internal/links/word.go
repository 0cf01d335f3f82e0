package links

import "strings"

// assigned returns the links that a statement of a shell script sets: a value is
// one word, of which quotation marks are no part, and there may be several.
func assigned(statement string, keys map[string]Kind) []Link {
	var links []Link
	for _, word := range shellWords(statement) {
		key, value, _ := strings.Cut(word, "=")
		if kind, ok := keys[strings.ToLower(key)]; ok {
			links = append(links, parts(kind, value)...)
		}
	}
	return links
}

// assignedKey returns the variable that a statement begins with setting, if any.
func assignedKey(statement string) string {
	words := shellWords(strings.TrimPrefix(statement, byteOrderMark))
	if len(words) > 1 && words[0] == "export" {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	key, _, _ := strings.Cut(words[0], "=")
	return key
}

// shellWords splits a statement as a shell does, but for what it would expand.
func shellWords(statement string) []string {
	var (
		words []string
		word  strings.Builder
		quote byte
	)
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
		}
		word.Reset()
	}
	for i := 0; i < len(statement); i++ {
		c := statement[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(statement):
			if i++; statement[i] != '\n' {
				word.WriteByte(statement[i])
			}
		case c == quote:
			quote = 0
		case quote != 0:
			word.WriteByte(c)
		case c == '\'' || c == '"':
			quote = c
		case strings.IndexByte(" \t\r\n;&|()", c) >= 0:
			end()
		default:
			word.WriteByte(c)
		}
	}
	end()
	return words
}
