// Package ssmtest puts parameters into the local Parameter Store of tests.
package ssmtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"testing"

	"github.com/quintet-agents/quintet/shared/dynamo/dynamotest"
)

var names atomic.Int64

// Name returns a unique parameter name. The parameter is deleted after the test.
func Name(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("/quintet/test-%d-%d", os.Getpid(), names.Add(1))
	t.Cleanup(func() { _ = call("DeleteParameter", map[string]any{"Name": name}) })
	return name
}

// Put creates or overwrites a SecureString.
func Put(t testing.TB, name, value string) {
	t.Helper()
	if err := call("PutParameter", map[string]any{"Name": name, "Value": value, "Type": "SecureString", "Overwrite": true}); err != nil {
		t.Fatalf("put the parameter %s: %v", name, err)
	}
}

// call sends a request without the test's context, because it also deletes parameters after the
// test.
func call(operation string, input map[string]any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, dynamotest.Endpoint(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM."+operation)
	// The header selects the account and the region; the local AWS does not check the signature.
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=none")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(res.Body)
		return fmt.Errorf("status %d: %s", res.StatusCode, text)
	}
	return nil
}
