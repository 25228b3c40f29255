// Runs in the page before all else: a camera that shows what `window.shown` says. A film is rendered after the script that
// session/start answers (the test's `renderFilm`), as a person would follow it; nothing of the element is replaced.
{
  const canvas = document.createElement('canvas');
  canvas.width = 480;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  let film = null, begun = 0;
  setInterval(() => {
    if (window.shown === 'nobody') context.fillStyle = 'black', context.fillRect(0, 0, 480, 360);
    else if (film) context.drawImage(film.findLast((f) => f.ms <= Math.max(0, performance.now() - begun)).image, 0, 0);
  }, 33);
  const bitmap = async ({ ms, jpeg }) => ({ ms, image: await createImageBitmap(new Blob([Uint8Array.from(atob(jpeg), (c) => c.charCodeAt(0))])) });
  const load = async (script) => Promise.all((await window.renderFilm(script)).map(bitmap));
  const originalFetch = window.fetch.bind(window);
  if (window.isSecureContext && navigator.mediaDevices) {
    const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      (await original(wish)).getTracks().forEach((track) => track.stop()); // permission is asked for as ever
      if (window.shown !== 'nobody') film ||= await load('1 passive hold:0-400');
      begun = performance.now();
      return canvas.captureStream(30);
    };
  }
  window.fetch = async (url, wish) => {
    const answer = await originalFetch(url, wish);
    if (!String(url).endsWith('/session/start') || !answer.ok || window.shown === 'nobody') return answer;
    window.script = (await answer.clone().json()).script;
    film = await load(window.script);
    begun = performance.now();
    return answer;
  };
}
