package bedrock

import (
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/transport/http/protocol/restjson1"
)

// ownProtocol gives a stream a protocol for itself. That of the client decodes
// the events of all its streams with the same buffers, unguarded, in
// bedrockruntime 1.63; it can go when that is mended.
func ownProtocol(o *bedrockruntime.Options) {
	o.Protocol = restjson1.New(nil)
}
