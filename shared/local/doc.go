// Package local runs an AWS SAM project on one machine, without Docker.
//
// It is what AWS puts around the functions: the REST API in front of them, the
// Lambda Runtime API (response streaming included) behind them, and the event
// sources beside them. The functions run as ordinary processes, one invocation
// at a time in each, exactly as they would on Lambda's custom runtime. Tables,
// queues and streams live in a local AWS, such as MiniStack.
//
// Start begins and Runner.Close ends everything; the work is done in halls:
//
//   - sam reads template.yaml and resolves its intrinsic functions.
//   - gateway is the REST API: a request's way in (route.go, event.go) and out
//     (buffered.go, stream.go, problem.go).
//   - lambda has each function's processes and the Runtime API that they poll.
//   - source feeds functions from queues, streams and schedules.
//   - engine starts MiniStack and creates what the template describes in it.
//
// Below them are small packages for one thing each: arn, child, filter, listen,
// logs, schedule and velocity. Nothing here knows the project that it runs.
package local
