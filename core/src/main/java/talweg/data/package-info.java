/**
 * Data sets in host memory: reading them from files, splitting, standardizing, and cutting them
 * into mini-batches. No tensors and no backend.
 *
 * <p>{@link talweg.data.Idx}, {@link talweg.data.Csv}, {@link talweg.data.ImageFolder} and {@link
 * talweg.data.Digits} give a {@link talweg.data.Dataset}, in memory or streamed from its file;
 * {@link talweg.data.Batches} cuts it; {@link talweg.data.Preprocessing} encodes further files
 * alike. Files are not trusted: a reader allocates for what has arrived, not for what a header
 * promises, and every error names the file, the place in it, what was expected and found, and what
 * to do. Where a file exists but cannot be read, a {@link talweg.error.ReadFailedException} says
 * so.
 */
package talweg.data;
