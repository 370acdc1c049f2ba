// Package boot starts Lambda functions: one starter per kind of trigger, and
// the dependencies that handlers are made of. It is the only code that knows
// Lambda's events and runtime.
package boot

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"
)

// Config is everything that a function learns from its environment. The names
// stand here and nowhere else.
type Config struct {
	Table        string        // TABLE_NAME: the DynamoDB table
	Model        string        // MODEL_NAME: the model of agents that name none
	ModelBaseURL string        // MODEL_BASE_URL: an OpenAI-compatible server to ask instead of Bedrock
	ModelKeyName string        // MODEL_API_KEY_PARAMETER: the SecureString in Parameter Store that has its key
	ModelAPIKey  string        // MODEL_API_KEY: its key, locally, where no parameter has it
	ModelWaits   ModelWaits    // how long a model may be silent
	ModelPause   time.Duration // before a model is asked once more; a second when it is 0, as it is in every function
	TopUpURL     string        // TOPUP_URL: where callers without credits can buy some; empty is the console

	UserPool       string // USER_POOL_ID: the Cognito user pool whose ID tokens are sessions
	UserPoolClient string // USER_POOL_CLIENT_ID: the client that they are made for

	CallbacksQueue  string // CALLBACKS_QUEUE_URL: turns that are run later
	DeliveriesQueue string // DELIVERIES_QUEUE_URL: what goes to customers' URLs
	SecretsKey      string // SECRETS_KEY_ID: the KMS key that seals secrets
	PrivateNetworks string // PRIVATE_NETWORKS_ALLOWED: CIDRs that customers' URLs may lead to in spite of being private
	RuntimeAPI      string // AWS_LAMBDA_RUNTIME_API: where a function gets its work from

	Region          string     // AWS_REGION
	AccessKeyID     string     // AWS_ACCESS_KEY_ID
	SecretAccessKey string     // AWS_SECRET_ACCESS_KEY
	SessionToken    string     // AWS_SESSION_TOKEN
	Endpoint        string     // AWS_ENDPOINT_URL: instead of AWS; empty in the cloud
	BedrockEndpoint string     // AWS_ENDPOINT_URL_BEDROCK_RUNTIME: for the model alone
	UnderSAM        bool       // AWS_SAM_LOCAL: SAM CLI, which cannot stream
	LogLevel        slog.Level // AWS_LAMBDA_LOG_LEVEL, which Lambda's LoggingConfig sets; INFO when unset or unknown
}

// ModelWaits are the times that a model may be silent before it is given up; 0 means
// the default of package watch.
type ModelWaits struct {
	FirstToken time.Duration // MODEL_FIRST_TOKEN_SECONDS: of a stream, until the answer begins
	Idle       time.Duration // MODEL_IDLE_SECONDS: once the answer has begun
	Answer     time.Duration // MODEL_ANSWER_SECONDS: until an answer in one piece comes
}

// seconds reads a number of seconds, which may have a fraction. It is 0 for anything
// that is not a positive number up to maxSeconds.
func seconds(setting string) time.Duration {
	n, err := strconv.ParseFloat(setting, 64)
	if err != nil || n <= 0 || n > maxSeconds {
		return 0
	}
	return time.Duration(n * float64(time.Second))
}

// maxSeconds is longer than any function runs.
const maxSeconds = 3600

// FromEnvironment reads the configuration.
func FromEnvironment() Config {
	c := Config{
		Table:        os.Getenv("TABLE_NAME"),
		Model:        os.Getenv("MODEL_NAME"),
		ModelBaseURL: os.Getenv("MODEL_BASE_URL"),
		ModelKeyName: os.Getenv("MODEL_API_KEY_PARAMETER"),
		ModelAPIKey:  os.Getenv("MODEL_API_KEY"),
		ModelWaits: ModelWaits{
			FirstToken: seconds(os.Getenv("MODEL_FIRST_TOKEN_SECONDS")),
			Idle:       seconds(os.Getenv("MODEL_IDLE_SECONDS")),
			Answer:     seconds(os.Getenv("MODEL_ANSWER_SECONDS")),
		},
		TopUpURL:        os.Getenv("TOPUP_URL"),
		UserPool:        os.Getenv("USER_POOL_ID"),
		UserPoolClient:  os.Getenv("USER_POOL_CLIENT_ID"),
		CallbacksQueue:  os.Getenv("CALLBACKS_QUEUE_URL"),
		DeliveriesQueue: os.Getenv("DELIVERIES_QUEUE_URL"),
		SecretsKey:      os.Getenv("SECRETS_KEY_ID"),
		PrivateNetworks: os.Getenv("PRIVATE_NETWORKS_ALLOWED"),
		RuntimeAPI:      os.Getenv("AWS_LAMBDA_RUNTIME_API"),
		Region:          os.Getenv("AWS_REGION"),
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Endpoint:        os.Getenv("AWS_ENDPOINT_URL"),
		BedrockEndpoint: os.Getenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
		UnderSAM:        os.Getenv("AWS_SAM_LOCAL") == "true",
	}
	if c.LogLevel.UnmarshalText([]byte(os.Getenv("AWS_LAMBDA_LOG_LEVEL"))) != nil {
		c.LogLevel = slog.LevelInfo
	}
	return c
}

// CheckAWS names what is not set of what it takes to call AWS. A function has
// all of it; who runs a command may have forgotten some.
func (c Config) CheckAWS() error {
	for _, needed := range []struct{ name, value string }{
		{"AWS_REGION", c.Region}, {"AWS_ACCESS_KEY_ID", c.AccessKeyID}, {"AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
	} {
		if needed.value == "" {
			return fmt.Errorf("%s is not set", needed.name)
		}
	}
	return nil
}
