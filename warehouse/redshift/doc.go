// Package redshift holds functions of Redshift's SQL that an engine below it
// lacks or has with another meaning. They are pure; the engines register them.
//
// https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_functions.html
package redshift
