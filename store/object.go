package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"salamander/object"
)

// Bucket names are unique among all accounts, so the bucket carries account
// and region for all that is in it.
var objectSchema = []string{`
CREATE TABLE object_bucket (
	name    TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	region  TEXT NOT NULL,
	created INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX object_bucket_account ON object_bucket (account, name);
CREATE TABLE object (
	bucket   TEXT NOT NULL REFERENCES object_bucket (name),
	key      TEXT NOT NULL,
	size     INTEGER NOT NULL,
	etag     TEXT NOT NULL,
	modified INTEGER NOT NULL,
	blob     TEXT NOT NULL,
	meta     TEXT NOT NULL,
	PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE object_upload (
	id      TEXT PRIMARY KEY,
	bucket  TEXT NOT NULL REFERENCES object_bucket (name),
	key     TEXT NOT NULL,
	started INTEGER NOT NULL,
	meta    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX object_upload_key ON object_upload (bucket, key, started, id);
CREATE TABLE object_part (
	upload   TEXT NOT NULL REFERENCES object_upload (id) ON DELETE CASCADE,
	number   INTEGER NOT NULL,
	size     INTEGER NOT NULL,
	etag     TEXT NOT NULL,
	modified INTEGER NOT NULL,
	blob     TEXT NOT NULL,
	checksum TEXT NOT NULL,
	PRIMARY KEY (upload, number)
) WITHOUT ROWID;
CREATE TABLE object_sequence (id INTEGER PRIMARY KEY CHECK (id = 1), n INTEGER NOT NULL);
INSERT INTO object_sequence VALUES (1, 0);`, `
ALTER TABLE object_bucket ADD COLUMN notification TEXT NOT NULL DEFAULT '';`}

// ObjectTopic is the outbox topic of created and deleted objects. The key of
// a message is "bucket/key", its payload an [object.Event].
const ObjectTopic = "s3.object"

// Objects is the index of the object store in a [DB]. The zero value is not
// usable.
type Objects struct{ db *DB }

var _ object.Index = Objects{}

// NewObjects returns the objects' part of db.
func NewObjects(db *DB) Objects { return Objects{db} }

// update is [DB.Update] with a full disk by the domain's name.
func (s Objects) update(ctx context.Context, f func(*Tx) error) error {
	err := s.db.Update(ctx, f)
	if errors.Is(err, ErrFull) {
		return fmt.Errorf("%w: %w", object.ErrFull, err)
	}
	return err
}

func each(conn *sqlite.Conn, f func(*sqlite.Stmt) error, sql string, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: f})
}

func run(conn *sqlite.Conn, sql string, args ...any) error {
	return sqlitex.Execute(conn, sql, &sqlitex.ExecOptions{Args: args})
}

// CreateBucket stores b or returns the one there.
func (s Objects) CreateBucket(ctx context.Context, b object.Bucket) (object.Bucket, error) {
	err := s.update(ctx, func(tx *Tx) error {
		old, err := bucketOf(tx.Conn(), b.Name)
		switch {
		case err == nil:
			b = old
			return object.ErrBucketExists
		case !errors.Is(err, object.ErrNoBucket):
			return err
		}
		return run(tx.Conn(), `INSERT INTO object_bucket (name, account, region, created) VALUES (?, ?, ?, ?)`,
			b.Name, b.Account, b.Region, b.Created.UnixMilli())
	})
	return b, err
}

// DeleteBucket removes an empty bucket.
func (s Objects) DeleteBucket(ctx context.Context, name string) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		if _, err := bucketOf(conn, name); err != nil {
			return err
		}
		used, err := exists(conn, `SELECT 1 FROM object WHERE bucket = ? LIMIT 1`, name)
		switch {
		case err != nil:
			return err
		case used:
			return object.ErrBucketNotEmpty
		}
		under, err := uploads(conn, `WHERE bucket = ?`, name)
		if err != nil {
			return err
		}
		for _, u := range under {
			blobs, err := endUpload(tx, u.ID)
			if err != nil {
				return err
			}
			freed = append(freed, blobs...)
		}
		return run(conn, `DELETE FROM object_bucket WHERE name = ?`, name)
	})
	return freed, err
}

// Bucket returns a bucket.
func (s Objects) Bucket(ctx context.Context, name string) (b object.Bucket, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) (err error) {
		b, err = bucketOf(conn, name)
		return err
	})
	return b, err
}

const selectBucket = `SELECT name, account, region, created, notification FROM object_bucket `

func scanBucket(stmt *sqlite.Stmt) object.Bucket {
	return object.Bucket{Name: stmt.ColumnText(0), Account: stmt.ColumnText(1), Region: stmt.ColumnText(2),
		Created: time.UnixMilli(stmt.ColumnInt64(3)).UTC(), Notification: stmt.ColumnText(4)}
}

// SetNotification stores a bucket's notification.
func (s Objects) SetNotification(ctx context.Context, name, notification string) error {
	return s.update(ctx, func(tx *Tx) error {
		if _, err := bucketOf(tx.conn, name); err != nil {
			return err
		}
		return run(tx.conn, `UPDATE object_bucket SET notification = ? WHERE name = ?`, notification, name)
	})
}

func bucketOf(conn *sqlite.Conn, name string) (b object.Bucket, err error) {
	err = each(conn, func(stmt *sqlite.Stmt) error { b = scanBucket(stmt); return nil }, selectBucket+`WHERE name = ?`, name)
	if err == nil && b.Name == "" {
		err = object.ErrNoBucket
	}
	return b, err
}

// Buckets returns the buckets of an account.
func (s Objects) Buckets(ctx context.Context, account string) (all []object.Bucket, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error {
			all = append(all, scanBucket(stmt))
			return nil
		}, selectBucket+`WHERE account = ? ORDER BY name`, account)
	})
	return all, err
}

// objectMeta is what the index never searches by.
type objectMeta struct {
	object.Attributes
	Checksum object.Checksum `json:"checksum,omitzero"`
	Parts    []int64         `json:"parts,omitempty"`
}

const selectObject = `SELECT bucket, key, size, etag, modified, blob, meta FROM object `

func scanObject(stmt *sqlite.Stmt) (object.Object, error) {
	var m objectMeta
	if err := json.Unmarshal([]byte(stmt.ColumnText(6)), &m); err != nil {
		return object.Object{}, fmt.Errorf("read the attributes of object %q: %w", stmt.ColumnText(1), err)
	}
	return object.Object{Bucket: stmt.ColumnText(0), Key: stmt.ColumnText(1), Size: stmt.ColumnInt64(2), ETag: stmt.ColumnText(3),
		Modified: time.UnixMilli(stmt.ColumnInt64(4)).UTC(), Blob: stmt.ColumnText(5),
		Attributes: m.Attributes, Checksum: m.Checksum, Parts: m.Parts}, nil
}

// objectOf returns nil where there is none.
func objectOf(conn *sqlite.Conn, bucket, key string) (found *object.Object, err error) {
	err = each(conn, func(stmt *sqlite.Stmt) error {
		obj, err := scanObject(stmt)
		found = &obj
		return err
	}, selectObject+`WHERE bucket = ? AND key = ?`, bucket, key)
	return found, err
}

// Object returns an object.
func (s Objects) Object(ctx context.Context, bucket, key string) (obj object.Object, err error) {
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		found, err := objectOf(conn, bucket, key)
		if err != nil {
			return err
		}
		if found == nil {
			if _, err := bucketOf(conn, bucket); err != nil {
				return err
			}
			return object.ErrNoKey
		}
		obj = *found
		return nil
	})
	return obj, err
}

// Objects returns objects by key.
func (s Objects) Objects(ctx context.Context, bucket, from, to string, limit int) (all []object.Object, err error) {
	sql, args := selectObject+`WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?`, []any{bucket, from, limit}
	if to != "" {
		sql, args = selectObject+`WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`, []any{bucket, from, to, limit}
	}
	err = s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error {
			obj, err := scanObject(stmt)
			all = append(all, obj)
			return err
		}, sql, args...)
	})
	return all, err
}

// PutObject stores an object in place of the one there.
func (s Objects) PutObject(ctx context.Context, obj object.Object, c object.Condition, reason string) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		freed, err = putObject(tx, obj, c, reason)
		return err
	})
	return freed, err
}

func putObject(tx *Tx, obj object.Object, c object.Condition, reason string) (freed []string, err error) {
	conn := tx.Conn()
	b, err := bucketOf(conn, obj.Bucket)
	if err != nil {
		return nil, err
	}
	old, err := objectOf(conn, obj.Bucket, obj.Key)
	if err != nil {
		return nil, err
	}
	if err := c.Holds(old); err != nil {
		return nil, err
	}
	if old != nil {
		freed = append(freed, old.Blob)
	}
	meta, err := json.Marshal(objectMeta{obj.Attributes, obj.Checksum, obj.Parts})
	if err != nil {
		return nil, err
	}
	err = run(conn, `INSERT OR REPLACE INTO object (bucket, key, size, etag, modified, blob, meta) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		obj.Bucket, obj.Key, obj.Size, obj.ETag, obj.Modified.UnixMilli(), obj.Blob, string(meta))
	if err != nil {
		return nil, err
	}
	return freed, emitObject(tx, b, obj, "Object Created", reason)
}

func emitObject(tx *Tx, b object.Bucket, obj object.Object, kind, reason string) error {
	var n int64
	err := each(tx.Conn(), func(stmt *sqlite.Stmt) error { n = stmt.ColumnInt64(0); return nil },
		`UPDATE object_sequence SET n = n + 1 RETURNING n`)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(object.Event{Type: kind, Reason: reason, Account: b.Account, Region: b.Region, Bucket: b.Name,
		Key: obj.Key, Size: obj.Size, ETag: obj.ETag, Sequencer: fmt.Sprintf("%018X", n), Time: tx.now().UnixMilli()})
	if err != nil {
		return err
	}
	return tx.Emit(ObjectTopic, b.Name+"/"+obj.Key, payload)
}

// DeleteObject removes an object.
func (s Objects) DeleteObject(ctx context.Context, bucket, key string, c object.Condition) (freed []string, err error) {
	err = s.update(ctx, func(tx *Tx) error {
		conn := tx.Conn()
		b, err := bucketOf(conn, bucket)
		if err != nil {
			return err
		}
		old, err := objectOf(conn, bucket, key)
		if err != nil || old == nil {
			return err
		}
		if err := c.Holds(old); err != nil {
			return err
		}
		freed = []string{old.Blob}
		if err := run(conn, `DELETE FROM object WHERE bucket = ? AND key = ?`, bucket, key); err != nil {
			return err
		}
		return emitObject(tx, b, *old, "Object Deleted", "DeleteObject")
	})
	return freed, err
}

// Blobs calls f with every blob of an object or a part.
func (s Objects) Blobs(ctx context.Context, f func(name string)) error {
	return s.db.View(ctx, func(conn *sqlite.Conn) error {
		return each(conn, func(stmt *sqlite.Stmt) error { f(stmt.ColumnText(0)); return nil },
			`SELECT blob FROM object UNION ALL SELECT blob FROM object_part`)
	})
}
