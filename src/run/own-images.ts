/** Reading one's own images, for the page: it may not know the data room, and a second reader would refuse otherwise. */
export {
  type Labelled,
  OWN_IMAGE_BYTES,
  OWN_IMAGES_ID,
  OWN_IMAGES_LIMIT,
  type OwnImages,
  ownImages,
  readImageCsv,
} from "../data/own-images.ts";
