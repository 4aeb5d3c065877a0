//! Commands of documents, as whole values.

use super::*;
