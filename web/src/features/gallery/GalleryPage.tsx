export function GalleryPage() {
  return <main>…</main>;
}
