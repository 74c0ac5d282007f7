package middleware

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/clickbook/clickbook/adapters/httpapi/internal/problem"
	"github.com/clickbook/clickbook/domain"
)

// maxTags bounds the entity tags of a condition. Each may cost one attempt.
const maxTags = 10

// entityTag matches one entity tag and what separates it from the next. A proxy that compresses makes a tag weak or
// marks it, as in W/"3" and "3-gzip". The thing is the same, so those are the tag "3".
var entityTag = regexp.MustCompile(`^(?:W/)?"([!#-~\x80-\xff]*)"[ \t]*(?:,[ \t,]*|$)`)

// condition is a header that names entity tags: If-Match or If-None-Match.
type condition struct {
	given bool
	any   bool     // "*"
	tags  []string // without quotes, W/ and the mark of a proxy
}

// parseCondition reads all values of a header. ok is false when one is malformed.
func parseCondition(values []string) (c condition, ok bool) {
	rest := strings.TrimSpace(strings.Join(values, ","))
	if rest == "" || rest == "*" {
		return condition{given: rest != "", any: rest != ""}, true
	}
	c.given = true
	for rest != "" {
		found := entityTag.FindStringSubmatch(rest)
		if found == nil || len(c.tags) == maxTags {
			return c, false
		}
		rest = rest[len(found[0]):]
		tag := strings.TrimSuffix(strings.TrimSuffix(found[1], "-gzip"), "-br")
		if !slices.Contains(c.tags, tag) {
			c.tags = append(c.tags, tag)
		}
	}
	return c, true
}

// matches reports whether a condition names the entity tag of a response.
func (c condition) matches(etag string) bool {
	return etag != "" && (c.any || slices.Contains(c.tags, strings.Trim(etag, `"`)))
}

// CheckConditions refuses malformed conditions before a write can have any effect. It serves a read with
// If-None-Match: the response is 304 when the thing still has that revision.
func CheckConditions(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		unless, ok := parseCondition(r.Header.Values("If-None-Match"))
		read := r.Method == http.MethodGet
		switch _, err := expectedRevisions(r); {
		case err != nil:
			Refuse(w, r, err)
		case !ok || unless.given && !read:
			Refuse(w, r, problem.ErrIfNoneMatch)
		case unless.given:
			next.ServeHTTP(&unlessMatched{ResponseWriter: w, unless: unless}, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// expectedRevisions returns the revisions in If-Match, of which one must be the present one, or none if any will do.
// "*" requires only that the thing exists, which every command checks anyway. A tag that is no revision matches
// nothing: it is read as a revision that no stream has.
func expectedRevisions(r *http.Request) ([]domain.Revision, error) {
	if r.Method == http.MethodGet {
		return nil, nil
	}
	match, ok := parseCondition(r.Header.Values("If-Match"))
	if !ok {
		return nil, problem.ErrIfMatchMalformed
	}
	var expected []domain.Revision
	for _, tag := range match.tags {
		number, err := strconv.ParseInt(tag, 10, 64)
		if err != nil || number < int64(domain.NoStream) || strconv.FormatInt(number, 10) != tag {
			number = maxRevision
		}
		expected = append(expected, domain.Revision(number))
	}
	return expected, nil
}

const maxRevision = 1<<63 - 1

// unlessMatched turns a response whose entity tag is named by If-None-Match into 304 without a body (RFC 9110, 13.1.2).
type unlessMatched struct {
	http.ResponseWriter
	unless  condition
	matched bool
}

func (w *unlessMatched) WriteHeader(status int) {
	if header := w.Header(); status == http.StatusOK && w.unless.matches(header.Get("ETag")) {
		w.matched, status = true, http.StatusNotModified
		header.Del("Content-Type")
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *unlessMatched) Write(data []byte) (int, error) {
	if w.matched {
		return len(data), nil
	}
	return w.ResponseWriter.Write(data)
}

func (w *unlessMatched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
