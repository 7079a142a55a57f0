declare module "*.geojson" {
  /** Address of the file among the built assets. */
  const address: string;
  export default address;
}
declare module "*.css";
