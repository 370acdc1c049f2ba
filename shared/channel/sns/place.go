package sns

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	host = regexp.MustCompile(`^sns\.([a-z0-9-]{3,})\.amazonaws\.com(\.cn)?$`)
	path = regexp.MustCompile(`^/SimpleNotificationService-[0-9a-f]{1,64}\.pem$`)
)

// RegionOf returns the region of a topic's ARN, or an empty string.
func RegionOf(topicARN string) string {
	const fields = 6 // arn:partition:sns:region:account:name
	parts := strings.Split(topicARN, ":")
	if len(parts) != fields || parts[0] != "arn" || parts[2] != "sns" {
		return ""
	}
	return parts[3]
}

// atAmazon returns the URL if it is one of SNS itself in a topic's region. A bucket's name is
// anybody's to choose, so the hosts of S3 are not Amazon's in this sense.
func atAmazon(text, topicARN string) *url.URL {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" {
		return nil
	}
	at := host.FindStringSubmatch(u.Host)
	if at == nil || at[1] != RegionOf(topicARN) {
		return nil
	}
	return u
}

// certificateURL returns the URL of a signing certificate, or nil if the text is none.
func certificateURL(text, topicARN string) *url.URL {
	u := atAmazon(text, topicARN)
	if u == nil || u.RawQuery != "" || u.ForceQuery || !path.MatchString(u.EscapedPath()) {
		return nil
	}
	return u
}
