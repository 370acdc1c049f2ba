// Command hello is the smallest function there is on aws-lambda-go: what every
// function's start is measured beside.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context) (string, error) { return "hello", nil })
}
