package channel_test

import (
	"errors"
	"fmt"
	"net/url"
	"testing"

	"github.com/quintet-agents/quintet/shared/channel"
)

func TestHideQuery(t *testing.T) {
	cause := errors.New("no route")
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"a signed URL", &url.Error{Op: "Get", URL: "https://files.example/a?signature=s3cret", Err: cause}, `Get "https://files.example/a": no route`},
		{"a wrapped one", fmt.Errorf("file: %w", &url.Error{Op: "Get", URL: "https://ann:pw@files.example/a?b", Err: cause}), `Get "https://files.example/a": no route`},
		{"no URL", &url.Error{Op: "parse", URL: "%", Err: cause}, `parse "": no route`},
		{"another error", cause, "no route"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := channel.HideQuery(test.err)
			if got.Error() != test.want || !errors.Is(got, cause) {
				t.Errorf("got %q, want %q with its cause", got, test.want)
			}
		})
	}
}
