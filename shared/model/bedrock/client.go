package bedrock

import (
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"

	"github.com/quintet-agents/quintet/shared/model/watch"
)

// watched makes the call watch the HTTP exchange of each of the SDK's attempts.
func watched(call *watch.Call) func(*bedrockruntime.Options) {
	return func(o *bedrockruntime.Options) { o.HTTPClient = call.Client(o.HTTPClient) }
}

// ownProtocol gives a stream its own protocol: in bedrockruntime 1.63, all streams of
// a client share the buffers of the client's protocol without a lock. The protocol
// also bounds the frames and reads cut characters (see pieces).
func ownProtocol(o *bedrockruntime.Options) {
	o.Protocol = &pieces{ClientProtocol: restjson1.New(nil)}
}
