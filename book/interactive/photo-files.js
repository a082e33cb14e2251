/* Pictures from files. read(file) promises {image: {data, width, height}}: the square in the middle
   of the picture, turned upright, at most SIDE pixels high; or {problem}, one of "empty", "large",
   "heic", "kind" (no picture) and "broken". */
(function (root, make) {
  const files = make(root);
  if (typeof module !== "undefined" && module.exports) module.exports = files;
  else root.CoursePhotoFiles = files;
})(typeof self !== "undefined" ? self : this, function (root) {
  "use strict";

  const SIDE = 512;
  const LARGEST = 80e6; // bytes
  const APPLE = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "heif"];
  const ENDINGS = /\.(jpe?g|png|gif|webp|avif|bmp|svg|tiff?|jxl|hei[cf])$/i;

  /* A picture that the browser can draw, upright. */
  async function decode(file) {
    try {
      return await root.createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      // Drawings, which have no size in pixels, can be read in another way.
    }
    const address = root.URL.createObjectURL(file);
    try {
      const picture = new root.Image();
      picture.src = address;
      await picture.decode();
      return picture;
    } finally {
      root.URL.revokeObjectURL(address);
    }
  }

  async function isHeic(file) {
    const bytes = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    const letters = String.fromCharCode(...bytes);
    return letters.slice(4, 8) === "ftyp" && APPLE.includes(letters.slice(8, 12));
  }

  /* The middle, as high and as wide as the shorter side, or a pixel more on the longer one, so that
     a small picture is copied pixel by pixel. */
  function middle(width, height) {
    const side = Math.min(width, height);
    const [x, y] = [Math.floor((width - side) / 2), Math.floor((height - side) / 2)];
    return { x, y, width: width - 2 * x, height: height - 2 * y, side };
  }

  function draw(picture) {
    const wide = picture.naturalWidth ?? picture.width;
    const high = picture.naturalHeight ?? picture.height;
    if (!wide || !high) return null;
    const { x, y, width, height, side } = middle(wide, high);
    const scale = Math.min(SIDE / side, 1);
    const canvas = root.document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, x, y, width, height, 0, 0, canvas.width, canvas.height);
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }

  async function read(file) {
    if (!file.size) return { problem: "empty" };
    if (file.size > LARGEST) return { problem: "large" };
    try {
      const picture = await decode(file);
      const image = draw(picture);
      picture.close?.();
      if (image) return { image };
    } catch {
      // What it is instead is asked below.
    }
    if (await isHeic(file).catch(() => false)) return { problem: "heic" };
    const named = file.type.startsWith("image/") || ENDINGS.test(file.name);
    return { problem: named ? "broken" : "kind" };
  }

  return { read, middle, SIDE, LARGEST };
});
