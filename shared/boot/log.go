package boot

import (
	"context"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// logTo makes slog write JSON lines that carry the function's name and Lambda's
// request id.
func logTo(c Config) {
	log := slog.New(withRequest{slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel})})
	if lambdacontext.FunctionName != "" {
		log = log.With("function", lambdacontext.FunctionName)
	}
	slog.SetDefault(log)
}

type withRequest struct{ slog.Handler }

func (h withRequest) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("aws_request_id", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}

func (h withRequest) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withRequest{h.Handler.WithAttrs(attrs)}
}

func (h withRequest) WithGroup(name string) slog.Handler {
	return withRequest{h.Handler.WithGroup(name)}
}
