package tool

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"github.com/quintet-agents/quintet/shared/clip"
)

// maxShown bounds, in bytes, a text of others in a problem.
const maxShown = 200

// Check decodes a call's arguments. Its error says in words what the schema does not allow,
// so that the model can correct its call.
func (s *Schema) Check(raw json.RawMessage) (map[string]any, error) {
	if len(raw) > MaxArguments {
		return nil, fmt.Errorf("the arguments are longer than %d KiB", MaxArguments>>10)
	}
	v, err := decode(raw)
	if err != nil {
		return nil, errors.New("the arguments are not JSON")
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the arguments are not a JSON object")
	}
	parts, err := weigh(v, 0)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the arguments cannot be used: something in them %w", err)
	case parts*s.weight > maxWork:
		return nil, errors.New("the arguments have too many parts")
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		return nil, errors.New("the arguments have a number that is too large")
	}
	if err := s.compiled.Validate(plain); err != nil {
		return nil, errors.New(words(err))
	}
	return object, nil
}

// words describes what does not match a schema: the place and the problem.
func words(err error) string {
	at, text := "the arguments", err.Error()
	for {
		path, rest, ok := strings.Cut(text, ": ")
		path, is := strings.CutPrefix(path, "validating ")
		if !ok || !is {
			return clipped(at) + ": " + clipped(readable(text))
		}
		if path != "root" {
			at = strings.NewReplacer("properties/", "", "/", ".").Replace(strings.TrimPrefix(path, "/"))
		}
		text = rest
	}
}

var fraction = regexp.MustCompile(`^-?[0-9]+/[0-9]+`)

// readable returns a problem with null and with numbers as JSON has them.
func readable(problem string) string {
	problem = strings.Replace(problem, "<invalid reflect.Value>", "null", 1)
	keyword, rest, ok := strings.Cut(problem, ": ")
	number := fraction.FindString(rest)
	if r, valid := new(big.Rat).SetString(number); ok && valid && (strings.HasSuffix(strings.ToLower(keyword), "imum") || keyword == "multipleOf") {
		value, _ := r.Float64()
		rest = strconv.FormatFloat(value, 'g', -1, 64) + strings.TrimPrefix(rest, number)
		if whole, decimals, ok := cutLast(rest, "."); ok {
			rest = strings.TrimSuffix(whole+"."+strings.TrimRight(decimals, "0"), ".")
		}
		return keyword + ": " + rest
	}
	return problem
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// clipped shortens a text of others, in valid UTF-8.
func clipped(text string) string { return clip.Text(strings.ToValidUTF8(text, "\uFFFD"), maxShown) }
