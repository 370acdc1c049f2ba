package bedrock

import (
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/quintet-agents/quintet/shared/model/watch"
)

// watched has a call's exchanges watched, each attempt of the SDK's.
func watched(call *watch.Call) func(*bedrockruntime.Options) {
	return func(o *bedrockruntime.Options) { o.HTTPClient = call.Client(o.HTTPClient) }
}

// ownProtocol gives a stream a protocol for itself. That of the client decodes
// the events of all its streams with the same buffers, unguarded, in
// bedrockruntime 1.63. It also reads frames within bounds, and characters that
// were cut (see pieces).
func ownProtocol(o *bedrockruntime.Options) {
	o.Protocol = &pieces{ClientProtocol: restjson1.New(nil)}
}
