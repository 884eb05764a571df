/** Strict JSON for files; not exported, as its types are those of a library. */
package talweg.json;
