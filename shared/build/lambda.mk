# How every Lambda binary is built, by `make build` and by `sam build` alike.

# No RPC mode, no paths, no symbols: about half the size.
LAMBDA_FLAGS := -tags=lambda.norpc -trimpath -buildvcs=false -ldflags=-s\ -w
