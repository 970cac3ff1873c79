package s3rest

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"salamander/operation"
)

// A target is what a request is for.
type target struct {
	bucket, key string
	operation   string
	query       url.Values
}

func (s *server) parseTarget(r *http.Request) (target, error) {
	t := target{query: r.URL.Query()}
	path := strings.TrimPrefix(r.URL.Path, "/")
	if t.bucket = s.bucketOfHost(r.Host); t.bucket != "" {
		t.key = path
	} else {
		t.bucket, t.key, _ = strings.Cut(path, "/")
	}
	switch {
	case t.bucket == "":
		t.operation = serviceOperation(r)
	case t.key == "":
		t.operation = bucketOperation(r, t.query)
	default:
		t.operation = objectOperation(r, t.query)
	}
	if t.operation == "" {
		return t, &operation.Error{Code: "MethodNotAllowed", Status: http.StatusMethodNotAllowed,
			Message: "The specified method is not allowed against this resource.", Members: map[string]any{"Method": r.Method}}
	}
	return t, nil
}

// bucketOfHost returns the bucket of a host-style name: bucket.localhost,
// bucket.s3.localhost, bucket.s3.us-east-1.localhost.
func (s *server) bucketOfHost(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return ""
	}
	for _, base := range append([]string{"localhost"}, s.opt.Hosts...) {
		name, ok := strings.CutSuffix(host, "."+base)
		if !ok {
			continue
		}
		if name == "s3" || strings.HasPrefix(name, "s3.") {
			return ""
		}
		if i := strings.LastIndex(name, ".s3"); i > 0 && (i+3 == len(name) || name[i+3] == '.') {
			name = name[:i]
		}
		return name
	}
	return ""
}

func serviceOperation(r *http.Request) string {
	if r.Method == http.MethodGet {
		return "ListBuckets"
	}
	return ""
}

// verb is what the operation of a method on a sub-resource begins with.
func verb(method string) string {
	switch method {
	case http.MethodGet:
		return "Get"
	case http.MethodPut:
		return "Put"
	case http.MethodDelete:
		return "Delete"
	}
	return ""
}

// bucketSubresources are named in the query; the operations are Get, Put or
// Delete and the name here.
func bucketSubresources() [][2]string {
	return [][2]string{
		{"accelerate", "BucketAccelerateConfiguration"}, {"acl", "BucketAcl"}, {"analytics", "BucketAnalyticsConfiguration"},
		{"cors", "BucketCors"}, {"encryption", "BucketEncryption"}, {"intelligent-tiering", "BucketIntelligentTieringConfiguration"},
		{"inventory", "BucketInventoryConfiguration"}, {"lifecycle", "BucketLifecycleConfiguration"}, {"location", "BucketLocation"},
		{"logging", "BucketLogging"}, {"metadataConfiguration", "BucketMetadataConfiguration"}, {"metrics", "BucketMetricsConfiguration"},
		{"notification", "BucketNotificationConfiguration"}, {"object-lock", "ObjectLockConfiguration"}, {"ownershipControls", "BucketOwnershipControls"},
		{"policy", "BucketPolicy"}, {"policyStatus", "BucketPolicyStatus"}, {"publicAccessBlock", "PublicAccessBlock"},
		{"replication", "BucketReplication"}, {"requestPayment", "BucketRequestPayment"}, {"tagging", "BucketTagging"},
		{"versioning", "BucketVersioning"}, {"website", "BucketWebsite"}, {"abac", "BucketAbac"},
	}
}

func bucketOperation(r *http.Request, query url.Values) string {
	for _, sub := range bucketSubresources() {
		if query.Has(sub[0]) {
			if v := verb(r.Method); v != "" {
				return v + sub[1]
			}
			return ""
		}
	}
	switch r.Method {
	case http.MethodGet:
		switch {
		case query.Has("versions"):
			return "ListObjectVersions"
		case query.Has("uploads"):
			return "ListMultipartUploads"
		case query.Has("session"):
			return "CreateSession"
		case query.Get("list-type") == "2":
			return "ListObjectsV2"
		}
		return "ListObjects"
	case http.MethodHead:
		return "HeadBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	case http.MethodPost:
		if query.Has("delete") {
			return "DeleteObjects"
		}
		return "PostObject"
	}
	return ""
}

func objectSubresources() [][2]string {
	return [][2]string{
		{"acl", "ObjectAcl"}, {"attributes", "ObjectAttributes"}, {"legal-hold", "ObjectLegalHold"}, {"retention", "ObjectRetention"},
		{"tagging", "ObjectTagging"}, {"torrent", "ObjectTorrent"},
	}
}

func objectOperation(r *http.Request, query url.Values) string {
	for _, sub := range objectSubresources() {
		if query.Has(sub[0]) {
			if v := verb(r.Method); v != "" {
				return v + sub[1]
			}
			return ""
		}
	}
	copies := r.Header.Get("X-Amz-Copy-Source") != ""
	upload := query.Has("uploadId")
	switch r.Method {
	case http.MethodGet:
		if upload {
			return "ListParts"
		}
		return "GetObject"
	case http.MethodHead:
		return "HeadObject"
	case http.MethodPut:
		switch {
		case query.Has("renameObject"):
			return "RenameObject"
		case upload && copies:
			return "UploadPartCopy"
		case upload:
			return "UploadPart"
		case copies:
			return "CopyObject"
		}
		return "PutObject"
	case http.MethodDelete:
		if upload {
			return "AbortMultipartUpload"
		}
		return "DeleteObject"
	case http.MethodPost:
		switch {
		case upload:
			return "CompleteMultipartUpload"
		case query.Has("uploads"):
			return "CreateMultipartUpload"
		case query.Has("restore"):
			return "RestoreObject"
		case query.Has("select"):
			return "SelectObjectContent"
		}
	}
	return ""
}
