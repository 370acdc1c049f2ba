package main

import (
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// lay adds the new route to every file that has the similar one. If one of the
// expected texts is missing, it writes nothing.
func (n *addition) lay(root string) error {
	exchanges, err := fileWith(root, "tests/contract/exchanges_*_test.go", fmt.Sprintf("of(%q,", n.like))
	if err != nil {
		return err
	}
	written := map[string]string{}
	for path, edit := range map[string]func(string) (string, error){
		routesPath:                            n.inRoutes,
		"template.yaml":                       n.inTemplate,
		n.document:                            n.inDocument,
		exchanges:                             n.inExchanges,
		"tests/contract/matrix_rules_test.go": n.inRules,
	} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		if written[path], err = edit(string(text)); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if strings.HasSuffix(path, ".go") {
			formatted, err := format.Source([]byte(written[path]))
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			written[path] = string(formatted)
		}
	}
	if written["events/"+n.name+".json"], err = n.event(root); err != nil {
		return err
	}
	for path, text := range written {
		if err := os.WriteFile(filepath.Join(root, path), []byte(text), 0o644); err != nil { //nolint:gosec // as readable as the rest of the sources
			return err
		}
	}
	return nil
}

// fileWith returns the file that matches the pattern and contains the text.
func fileWith(root, pattern, text string) (string, error) {
	found, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		return "", err
	}
	for _, path := range found {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if strings.Contains(string(content), text) {
			return filepath.Rel(root, path)
		}
	}
	return "", fmt.Errorf("no file %s has %q", pattern, text)
}

// after inserts a text after another one, which must occur exactly once.
func after(text, place, added string) (string, error) {
	if strings.Count(text, place) != 1 {
		return "", fmt.Errorf("found %d times, want once: %.60q", strings.Count(text, place), place)
	}
	return strings.Replace(text, place, place+added, 1), nil
}

func (n *addition) inRoutes(text string) (string, error) {
	e := strings.ReplaceAll(n.entry.text, fmt.Sprintf("%q", n.like), fmt.Sprintf("%q", n.name))
	e = strings.ReplaceAll(e, n.qualifier+"."+n.oldMaker+"(", n.qualifier+"."+n.maker+"(")
	return after(text, n.entry.text, "\n\t"+e)
}

// streaming matches the lines of an event that enable streaming.
var streaming = regexp.MustCompile(`(?m)^ +(?:ResponseTransferMode|TimeoutInMillis): .*\n`)

// inTemplate copies the similar function's block, with one event.
func (n *addition) inTemplate(text string) (string, error) {
	block := regexp.MustCompile(`(?m)^  ` + logicalID(n.like) + `:\n(?:(?:    .*)?\n)+`).FindString(text)
	function, source, found := strings.Cut(block, "      Events:\n")
	if !found || !strings.HasSuffix(block, "\n\n") {
		return "", fmt.Errorf("no block %s with Events, and an empty line behind it", logicalID(n.like))
	}
	function = strings.NewReplacer(
		"  "+logicalID(n.like)+":\n", "  "+logicalID(n.name)+":\n",
		"functions/"+n.like+"/", "functions/"+n.name+"/",
	).Replace(function)
	source, _, _ = strings.Cut(source, "\n        Api") // drop further events
	event := fmt.Sprintf(`      Events:
        Api:
          Type: Api
          Properties:
            RestApiId: !Ref Api
            Method: %s
            Path: %s
%s
`, strings.ToLower(n.method), n.path, strings.Join(streaming.FindAllString(source, -1), ""))
	text, err := after(text, block, function+event)
	return n.preflight(text), err
}

var preflights = regexp.MustCompile(`(?m)^ +(/.*): \{ options: \*preflight \}\n`)

// preflight adds the answer to preflights of the new path unless there is one. The
// paths stay sorted.
func (n *addition) preflight(text string) string {
	place := -1
	for _, at := range preflights.FindAllStringSubmatchIndex(text, -1) {
		switch path := text[at[2]:at[3]]; {
		case path == n.path:
			return text
		case place < 0 || path < n.path:
			place = at[1]
		}
	}
	if place < 0 {
		return text
	}
	return text[:place] + "          " + n.path + ": { options: *preflight }\n" + text[place:]
}

// inRules copies the similar function's rule, which lists the refused callers and
// their errors.
func (n *addition) inRules(text string) (string, error) {
	line := regexp.MustCompile(`(?m)^\t"` + n.like + `": .*\n`).FindString(text)
	if line == "" {
		return "", fmt.Errorf("no rule for %s", n.like)
	}
	return after(text, line, strings.Replace(line, n.like, n.name, 1))
}
