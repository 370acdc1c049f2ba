// Package local runs an AWS SAM project on one machine, without Docker.
//
// It reads template.yaml and is what AWS puts around the functions: the REST
// API in front of them, the Lambda Runtime API (response streaming included)
// behind them, and the event sources beside them: SQS queues, DynamoDB streams
// and schedules. The functions run as ordinary processes, one invocation at a
// time in each, exactly as they would on Lambda's custom runtime. Tables,
// queues and streams live in any local AWS, such as MiniStack.
//
// The package knows nothing about the project it runs.
//
// Reading order: Start (runner.go); the template (template*.go, resolve.go,
// intrinsics.go); an HTTP request's way in (gateway.go, route.go, event.go) and
// out (buffered.go, stream.go, gatewayresponse.go); a function's processes
// (pool.go, process.go, runtimeapi.go, invocation.go); the event sources
// (source_*.go).
package local

// Everything lives in one made-up account and region. MiniStack uses the same
// account, so ARNs that are made up here name what exists there.
const (
	account = "000000000000"
	region  = "us-east-1"
)
