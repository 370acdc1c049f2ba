//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

import "os"

// Without flock nobody is kept from starting twice.
func tryLock(*os.File) error { return nil }

// Files have no such modes here.
func restrictUmask() {}
