//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "os"

// tryLock always succeeds: there is no flock here, so two programs can run at once.
func tryLock(*os.File) error { return nil }

// restrictUmask does nothing: files have no such modes here.
func restrictUmask() {}
