// Package local runs an AWS SAM project on one machine, without Docker.
//
// It replaces the AWS services around the functions: the REST API, the Lambda Runtime
// API (with response streaming), and the event sources. The functions run as ordinary
// processes with one invocation at a time, as on Lambda's custom runtime. Tables,
// queues and streams are in a local AWS, such as MiniStack.
//
// Start starts everything, and Runner.Close stops it. These packages do the work:
//
//   - sam reads template.yaml and resolves its intrinsic functions.
//   - gateway is the REST API. It turns requests into events (route.go, event.go) and
//     answers into responses (buffered.go, stream.go, problem.go).
//   - lambda runs each function's processes and the Runtime API that they poll.
//   - source invokes functions for messages of queues, records of streams, and schedules.
//   - engine starts MiniStack and creates the template's resources in it.
//
// They use small packages with one purpose each: arn, child, filter, listen, logs,
// schedule and velocity. No package here knows the project that it runs.
package local
