package sqlite

import (
	"os"
	"syscall"
)

// datasync makes a file's bytes durable and no more: the least that any promise costs.
func datasync(file *os.File) error { return syscall.Fdatasync(int(file.Fd())) }
