package mcp

import (
	"context"
	"encoding/json"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// session is a session of the SDK. In the revision 2026-07-28 the server knows nothing of it.
type session struct {
	sdk  *sdk.ClientSession
	wire *wire
}

// close ends the session, for which an older server gets a DELETE.
func (s *session) close() { _ = s.sdk.Close() }

// called is the outcome of one request.
type called struct {
	Result

	broken bool // the session may not be used again
}

// call calls a tool. gone reports that the server does not know the session any more: an older
// server answers 404 then, before it reads the request, and wants a new session.
func (l *list) call(ctx context.Context, name string, arguments json.RawMessage) (result called, gone bool) {
	ctx, x, end := within(ctx, maxCallAnswer)
	defer end()
	if len(arguments) == 0 {
		arguments = json.RawMessage("{}")
	}
	answer, err := l.session.sdk.CallTool(ctx, &sdk.CallToolParams{Name: name, Arguments: arguments})
	if err != nil {
		if x.known().status == http.StatusNotFound && l.session.sdk.ID() != "" {
			return called{}, true
		}
		return called{Result: failed("the call of the tool failed: %s", x.explain(ctx, l.session.wire, err)), broken: !isReply(err)}, false
	}
	return called{Result: resultOf(answer, l.session.wire.mask)}, false
}
