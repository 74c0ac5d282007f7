package dbfile

import (
	"sync"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
	"zombiezen.com/go/sqlite"
)

// Sizes of SQLite's allocator. It takes pages from the system and divides each into slots of one power of two.
const (
	allocatorPage = 64 << 10
	smallestSlot  = 16
	largestSlot   = allocatorPage / 4
	reservedPages = 4 // of each size of slot
)

// The memory for pages of databases, 17 MiB in all. A slot takes the largest page in use, that of the event log, and
// what SQLite adds to it. When almost no slot is free, a cache uses its oldest page again instead of growing.
const (
	cacheSlot  = 8<<10 + 512
	cacheSlots = 2048
)

// OpenConn opens a connection to a file with SQLite's allocator prepared for it.
func OpenConn(path string, flags sqlite.OpenFlags) (*sqlite.Conn, error) {
	reserve()
	return sqlite.OpenConn(path, flags)
}

// reserve makes the allocator keep a few pages of each size of slot for as long as the process lives, 3 MiB in all.
// Without them it returns a page to the system with its last slot and takes it back for the next statement, which costs
// three system calls each time.
var reserve = sync.OnceFunc(func() {
	thread := libc.NewTLS()
	defer thread.Close()
	reserveCache(thread)
	for size := smallestSlot; size <= largestSlot; size *= 2 {
		perPage := allocatorPage/size - 1 // the page begins with a header
		var slots []uintptr
		for range reservedPages * perPage {
			slots = append(slots, libc.Xmalloc(thread, libc.Tsize_t(size)))
		}
		for i, slot := range slots {
			if i%perPage != 0 { // one slot of each page stays
				libc.Xfree(thread, slot)
			}
		}
	}
})

// reserveCache gives SQLite memory for the pages of all its caches. The caches give up their oldest pages for new ones
// of any size. From the allocator, a page of another size costs system calls, which took a third of the time of a
// rebuild. It has no effect once SQLite is initialized.
func reserveCache(thread *libc.TLS) {
	slots := libc.Xmalloc(thread, cacheSlot*cacheSlots)
	if slots == 0 {
		return
	}
	list := libc.NewVaList(slots, int32(cacheSlot), int32(cacheSlots))
	defer libc.Xfree(thread, list)
	if lib.Xsqlite3_config(thread, lib.SQLITE_CONFIG_PAGECACHE, list) != lib.SQLITE_OK {
		libc.Xfree(thread, slots)
	}
}
