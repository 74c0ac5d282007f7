package sqlite

import (
	"os"
	"syscall"
)

// datasync makes the bytes of a file durable and nothing more, which is the lower limit of durability.
func datasync(file *os.File) error { return syscall.Fdatasync(int(file.Fd())) }
