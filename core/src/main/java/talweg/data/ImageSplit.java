package talweg.data;

/**
 * A folder of images, split.
 *
 * @param encoding how further images become examples alike
 */
public record ImageSplit(Split split, ImageEncoding encoding) {}
