# The build flags of every Lambda binary, for `make build` and `sam build`.

# No RPC mode, no paths, no symbols: about half the size.
LAMBDA_FLAGS := -tags=lambda.norpc -trimpath -buildvcs=false -ldflags=-s\ -w
