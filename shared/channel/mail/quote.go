package mail

import "strings"

// reply returns what a person wrote above, below or between the lines of an older mail. If
// nothing is left, it returns the whole text. In a forwarded mail only an attribution and
// marked lines are history: the rest is what the mail is about.
func reply(text string, forwarded bool) string {
	const most = 5000 // lines that are searched: no person writes more above a quote
	lines := strings.Split(text, "\n")
	for i := range lines[:min(len(lines), most)] {
		if forwardMark.MatchString(strings.TrimLeft(lines[i], "> \t")) {
			return text
		}
		if !forwarded && (isOriginal(lines[i]) || isHeadBlock(lines[i:]) || isRule(lines[i]) && isHeadBlock(lines[i+1:])) {
			return kept(lines[:i], text)
		}
		if n := attribution(lines[i:]); n > 0 {
			return kept(append(lines[:i:i], answers(lines[i+n:])...), text)
		}
	}
	return kept(withoutLastQuote(lines), text)
}

// kept joins the lines that are left, or returns the whole text.
func kept(lines []string, whole string) string {
	if text := strings.TrimSpace(strings.Join(lines, "\n")); text != "" {
		return text
	}
	return whole
}

// answers returns what is written below or between quoted lines: without the quote if there
// is one above all answers, and with the quotes if answers stand between them, because they
// would say nothing alone.
func answers(lines []string) []string {
	lines = withoutLastQuote(lines)
	first, blocks, own := -1, 0, 0
	for i, line := range lines {
		switch {
		case isQuoted(line):
			if i == 0 || !isQuoted(lines[i-1]) {
				blocks++
			}
			if first < 0 {
				first = i
			}
		case strings.TrimSpace(line) != "":
			own++
		}
	}
	switch {
	case own == 0 || first < 0: // the history is not marked, so it all is history
		return nil
	case blocks == 1:
		for first < len(lines) && isQuoted(lines[first]) {
			first++
		}
		return lines[first:]
	}
	return lines
}

// withoutLastQuote removes the quoted lines at the end.
func withoutLastQuote(lines []string) []string {
	for len(lines) > 0 && (isQuoted(lines[len(lines)-1]) || strings.TrimSpace(lines[len(lines)-1]) == "") {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func isQuoted(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), ">") }

func isOriginal(line string) bool { return originalMark.MatchString(line) }

func isRule(line string) bool { return rule.MatchString(line) }

// isHeadBlock reports whether lines begin with the head of a mail, as Outlook quotes it: the
// sender's line, and at least two others of a head right below it.
func isHeadBlock(lines []string) bool {
	const near, enough = 6, 2
	if len(lines) == 0 || !fromLine.MatchString(lines[0]) {
		return false
	}
	found := 0
	for _, line := range lines[1:min(len(lines), near+1)] {
		if headLine.MatchString(line) {
			found++
		}
	}
	return found >= enough
}

// attribution returns how many lines the sentence has that introduces a quote, as in
// "On Monday, 30 November 2026 at 10:00, Ada wrote:". It is 0 if there is none.
func attribution(lines []string) int {
	const most, longest = 4, 500 // lines that the sentence is broken into, bytes
	joined := ""
	for n := 1; n <= min(most, len(lines)); n++ {
		line := strings.TrimSpace(strings.TrimLeft(strings.Map(withoutDirection, lines[n-1]), "* _"))
		if line == "" || isQuoted(line) {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if len(joined) > longest {
			return 0
		}
		ends := strings.HasSuffix(joined, ":") || strings.HasSuffix(joined, "：")
		introduces := ends || isQuoted(nextLine(lines[n:]))
		if introduces && when.MatchString(joined) && (wrote.MatchString(joined) || ends && sender.MatchString(joined)) {
			return n
		}
	}
	return 0
}

// nextLine returns the first line that is not empty.
func nextLine(lines []string) string {
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			return line
		}
	}
	return ""
}

// withoutDirection drops the marks with which programs write an address from left to right in
// a text from right to left.
func withoutDirection(r rune) rune {
	if r == '\u200E' || r == '\u200F' || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' {
		return -1
	}
	return r
}
