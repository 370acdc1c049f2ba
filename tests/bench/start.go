package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// started has the measurements of one program's starts.
type started struct {
	name, path   string
	ready        sample // ms from the process's creation to its first poll
	cpu          sample // ms of processor time until its first poll
	peak         sample // largest MB of memory until its first poll
	binary, zips int64  // bytes
}

// hello is the name of the reference program.
const hello = "hello"

// reportStarts starts every function and the hello world alternately.
func reportStarts(ctx context.Context, o options) error {
	programs, err := findPrograms(o.binaries)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	base := &started{name: hello, path: filepath.Join(dir, "bootstrap")}
	if err := buildHello(ctx, o.flags, base.path); err != nil {
		return err
	}
	programs = append([]*started{base}, programs...)
	for _, p := range programs {
		if err := p.weigh(); err != nil {
			return err
		}
	}
	for round := range o.rounds + 1 {
		for _, p := range programs {
			if err := p.start(ctx, round > 0); err != nil { // the first start loads the file into memory
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	w := table("start: process start to first poll of the Runtime API, with processor time and memory",
		"function", "ms", "x hello", "cpu ms", "peak MB", "binary MB", "zip MB")
	for _, p := range programs {
		row(w, p.name, p.ready.String(), fmt.Sprintf("%.2f", p.ready.median()/base.ready.median()),
			fmt.Sprintf("%.1f", p.cpu.median()), fmt.Sprintf("%.1f", p.peak.median()), megabytes(p.binary), megabytes(p.zips))
	}
	return w.Flush()
}

func megabytes(n int64) string { return fmt.Sprintf("%.2f", float64(n)/1e6) }

func findPrograms(dir string) ([]*started, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "bootstrap"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s has no functions: run `make build`", dir)
	}
	var programs []*started
	for _, path := range paths {
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
		programs = append(programs, &started{name: filepath.Base(filepath.Dir(path)), path: path})
	}
	return programs, nil
}

// buildHello lets a shell parse the flags, because make passes them to one too.
func buildHello(ctx context.Context, flags, path string) error {
	if flags == "" {
		return errors.New("-flags is needed: the hello world must have the functions' build flags")
	}
	cmd := exec.CommandContext(ctx, "sh", "-c", "exec go build "+flags+` -o "$0" ./tests/bench/hello`, path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the hello world: %w\n%s", err, out)
	}
	return nil
}

// weigh returns the sizes of the binary and of its upload.
func (p *started) weigh() error {
	binary, err := os.ReadFile(p.path)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	entry, err := archive.Create("bootstrap")
	if err != nil {
		return err
	}
	if _, err := entry.Write(binary); err != nil {
		return err
	}
	err = archive.Close()
	p.binary, p.zips = int64(len(binary)), int64(packed.Len())
	return err
}

// startLimit is the time after which a start has failed.
const startLimit = 30 * time.Second

// start runs the program with a new Runtime API, so that no earlier process can be mistaken for it.
func (p *started) start(ctx context.Context, counts bool) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	polled := make(chan time.Time, 1)
	api, err := serveRuntimeAPI(polled)
	if err != nil {
		return err
	}
	defer api.Close()

	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, p.path)
	cmd.Env = functionEnvironment(api.Addr)
	cmd.Stdout, cmd.Stderr = &output, &output
	before := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }() // its ProcessState has the result
	select {
	case at := <-polled:
		peak, err := peakMemory(cmd.Process.Pid)
		_ = cmd.Process.Kill()
		<-ended
		if counts {
			p.ready = append(p.ready, milliseconds(at.Sub(before)))
			p.cpu = append(p.cpu, milliseconds(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
			p.peak = append(p.peak, peak)
		}
		return err
	case <-ended: // it exited, or the limit stopped it
		return fmt.Errorf("no poll: %s: %s", cmd.ProcessState, output.String())
	}
}

// serveRuntimeAPI reports the first poll and leaves it unanswered.
func serveRuntimeAPI(polled chan<- time.Time) (*http.Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case polled <- time.Now():
		default:
		}
		<-r.Context().Done()
	})
	server := &http.Server{Addr: listener.Addr().String(), Handler: mux, ReadHeaderTimeout: startLimit}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

// functionEnvironment returns the environment that a function needs to start. Nothing serves the
// endpoint, and an explicit endpoint means that the function warms no TLS connections.
func functionEnvironment(runtimeAPI string) []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + runtimeAPI,
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_ENDPOINT_URL=http://127.0.0.1:9", "TABLE_NAME=bench", "MODEL_NAME=bench",
		"SSL_CERT_DIR=/nonexistent", "PATH=" + os.Getenv("PATH"),
	}
}

// peakMemory returns a process's highest resident size so far, in MB, from Linux. The result of wait
// would include its parent's memory before exec.
func peakMemory(pid int) (float64, error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(bytes.NewReader(status))
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "VmHWM:" {
			kilobytes, err := strconv.ParseFloat(fields[1], 64)
			return kilobytes * 1024 / 1e6, err
		}
	}
	return 0, io.ErrUnexpectedEOF
}
