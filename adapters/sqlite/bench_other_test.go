//go:build !linux

package sqlite

import "os"

// datasync does more than is needed where the system has nothing less.
func datasync(file *os.File) error { return file.Sync() }
