package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"salamander/object"
)

// uploadMeta is what the index never searches by.
type uploadMeta struct {
	object.Attributes
	Algorithm string `json:"algorithm"`
	Type      string `json:"type"`
	Named     bool   `json:"named,omitempty"`
}

const selectUpload = `SELECT id, bucket, key, started, meta FROM object_upload `

func scanUpload(stmt *sqlite.Stmt) (object.Upload, error) {
	var m uploadMeta
	if err := json.Unmarshal([]byte(stmt.ColumnText(4)), &m); err != nil {
		return object.Upload{}, fmt.Errorf("read the attributes of upload %q: %w", stmt.ColumnText(0), err)
	}
	return object.Upload{ID: stmt.ColumnText(0), Bucket: stmt.ColumnText(1), Key: stmt.ColumnText(2),
		Started: time.UnixMilli(stmt.ColumnInt64(3)).UTC(), Attributes: m.Attributes, Algorithm: m.Algorithm, Type: m.Type, Named: m.Named}, nil
}

func uploads(conn *sqlite.Conn, where string, args ...any) (all []object.Upload, err error) {
	err = each(conn, func(stmt *sqlite.Stmt) error {
		u, err := scanUpload(stmt)
		all = append(all, u)
		return err
	}, selectUpload+where, args...)
	return all, err
}

// CreateUpload stores u or returns the one there.
func (s Objects) CreateUpload(ctx context.Context, u object.Upload) (object.Upload, error) {
	err := s.update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if _, err := bucketOf(conn, u.Bucket); err != nil {
			return err
		}
		there, err := uploads(conn, `WHERE id = ?`, u.ID)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			u = there[0]
			return nil
		}
		meta, err := json.Marshal(uploadMeta{u.Attributes, u.Algorithm, u.Type, u.Named})
		if err != nil {
			return err
		}
		return run(conn, `INSERT INTO object_upload (id, bucket, key, started, meta) VALUES (?, ?, ?, ?, ?)`,
			u.ID, u.Bucket, u.Key, u.Started.UnixMilli(), string(meta))
	})
	return u, err
}

// Upload returns an upload.
func (s Objects) Upload(ctx context.Context, bucket, key, id string) (u object.Upload, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		if _, err := bucketOf(conn, bucket); err != nil {
			return err
		}
		there, err := uploads(conn, `WHERE id = ? AND bucket = ? AND key = ?`, id, bucket, key)
		if err == nil && len(there) == 0 {
			err = object.ErrNoUpload
		}
		if err == nil {
			u = there[0]
		}
		return err
	})
	return u, err
}

// Uploads returns the uploads of a bucket.
func (s Objects) Uploads(ctx context.Context, bucket string) (all []object.Upload, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) (err error) {
		all, err = uploads(conn, `WHERE bucket = ? ORDER BY key, started, id`, bucket)
		return err
	})
	return all, err
}

const selectPart = `SELECT number, size, etag, modified, blob, checksum FROM object_part WHERE upload = ? `

func uploadParts(conn *sqlite.Conn, id, where string, args ...any) (all []object.Part, err error) {
	err = each(conn, func(stmt *sqlite.Stmt) error {
		p := object.Part{Number: stmt.ColumnInt(0), Size: stmt.ColumnInt64(1), ETag: stmt.ColumnText(2),
			Modified: time.UnixMilli(stmt.ColumnInt64(3)).UTC(), Blob: stmt.ColumnText(4)}
		err := json.Unmarshal([]byte(stmt.ColumnText(5)), &p.Checksum)
		all = append(all, p)
		return err
	}, selectPart+where, append([]any{id}, args...)...)
	return all, err
}

// PutPart stores a part in place of the one of its number.
func (s Objects) PutPart(ctx context.Context, id string, p object.Part) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if err := hasUpload(conn, id); err != nil {
			return err
		}
		old, err := uploadParts(conn, id, `AND number = ?`, p.Number)
		if err != nil {
			return err
		}
		freed = blobsOf(old)
		sum, err := json.Marshal(p.Checksum)
		if err != nil {
			return err
		}
		return run(conn, `INSERT OR REPLACE INTO object_part (upload, number, size, etag, modified, blob, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			id, p.Number, p.Size, p.ETag, p.Modified.UnixMilli(), p.Blob, string(sum))
	})
	return freed, err
}

func hasUpload(conn *sqlite.Conn, id string) error {
	found, err := exists(conn, `SELECT 1 FROM object_upload WHERE id = ?`, id)
	if err == nil && !found {
		err = object.ErrNoUpload
	}
	return err
}

func blobsOf(parts []object.Part) []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Blob)
	}
	return names
}

// Parts returns the parts of an upload.
func (s Objects) Parts(ctx context.Context, id string) (all []object.Part, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) (err error) {
		all, err = uploadParts(conn, id, `ORDER BY number`)
		return err
	})
	return all, err
}

// CompleteUpload ends an upload with its object.
func (s Objects) CompleteUpload(ctx context.Context, id string, obj object.Object, c object.Condition) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		gone, err := endUpload(tx, id)
		if err != nil {
			return err
		}
		freed, err = putObject(tx, obj, c, "CompleteMultipartUpload")
		freed = append(freed, gone...)
		return err
	})
	return freed, err
}

// AbortUpload removes an upload.
func (s Objects) AbortUpload(ctx context.Context, id string) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		freed, err = endUpload(tx, id)
		return err
	})
	return freed, err
}

func endUpload(tx *Tx, id string) ([]string, error) {
	conn := tx.Conn()
	if err := hasUpload(conn, id); err != nil {
		return nil, err
	}
	old, err := uploadParts(conn, id, ``)
	if err != nil {
		return nil, err
	}
	return blobsOf(old), run(conn, `DELETE FROM object_upload WHERE id = ?`, id)
}
