//go:build !linux

package sqlite

import "os"

// datasync does more than necessary on systems that have nothing less.
func datasync(file *os.File) error { return file.Sync() }
