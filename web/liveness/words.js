// What the person is told, by language. Keys are the script's acts and the states around them.
export const words = {
  en: { start: 'Start', retry: 'Try again', cancel: 'Cancel', camera: 'Camera', noflash: 'No flashing colours (turn your head instead)',
    intro: 'We film your face for some seconds to check that you are really here.', hold: 'Hold still, face in the oval',
    closer: 'Come closer until your face fills the oval', left: 'Turn your head to the left and back', right: 'Turn your head to the right and back',
    smile: 'Smile', blink: 'Close your eyes for a moment', colour: 'Hold still, the screen changes colour', wait: 'Checking…', done: 'Done. Thank you.',
    denied: 'The camera is not available. Allow it in the browser and try again.', failed: 'That did not work.', warning: 'The screen will show changing colours.' },
  de: { start: 'Starten', retry: 'Noch einmal', cancel: 'Abbrechen', camera: 'Kamera', noflash: 'Keine wechselnden Farben (stattdessen den Kopf drehen)',
    intro: 'Wir filmen einige Sekunden Ihr Gesicht, um zu prüfen, dass Sie wirklich da sind.', hold: 'Stillhalten, Gesicht in das Oval',
    closer: 'Näher kommen, bis das Gesicht das Oval füllt', left: 'Kopf nach links drehen und zurück', right: 'Kopf nach rechts drehen und zurück',
    smile: 'Lächeln', blink: 'Augen kurz schließen', colour: 'Stillhalten, der Bildschirm wechselt die Farbe', wait: 'Wird geprüft …', done: 'Fertig. Danke.',
    denied: 'Die Kamera ist nicht verfügbar. Bitte im Browser erlauben und noch einmal versuchen.', failed: 'Das hat nicht geklappt.', warning: 'Der Bildschirm zeigt wechselnde Farben.' },
  fr: { start: 'Commencer', retry: 'Réessayer', cancel: 'Annuler', camera: 'Caméra', noflash: 'Pas de couleurs changeantes (tourner la tête à la place)',
    intro: 'Nous filmons votre visage quelques secondes pour vérifier que vous êtes bien là.', hold: 'Ne bougez pas, le visage dans l’ovale',
    closer: 'Approchez jusqu’à remplir l’ovale', left: 'Tournez la tête à gauche, puis revenez', right: 'Tournez la tête à droite, puis revenez',
    smile: 'Souriez', blink: 'Fermez les yeux un instant', colour: 'Ne bougez pas, l’écran change de couleur', wait: 'Vérification…', done: 'Terminé. Merci.',
    denied: 'La caméra n’est pas disponible. Autorisez-la dans le navigateur et réessayez.', failed: 'Cela n’a pas fonctionné.', warning: 'L’écran va changer de couleur.' },
  es: { start: 'Empezar', retry: 'Reintentar', cancel: 'Cancelar', camera: 'Cámara', noflash: 'Sin colores cambiantes (girar la cabeza en su lugar)',
    intro: 'Grabamos su cara unos segundos para comprobar que está aquí de verdad.', hold: 'No se mueva, la cara en el óvalo',
    closer: 'Acérquese hasta llenar el óvalo', left: 'Gire la cabeza a la izquierda y vuelva', right: 'Gire la cabeza a la derecha y vuelva',
    smile: 'Sonría', blink: 'Cierre los ojos un momento', colour: 'No se mueva, la pantalla cambia de color', wait: 'Comprobando…', done: 'Listo. Gracias.',
    denied: 'La cámara no está disponible. Permítala en el navegador e inténtelo de nuevo.', failed: 'No ha funcionado.', warning: 'La pantalla mostrará colores cambiantes.' },
  ja: { start: '開始', retry: 'もう一度', cancel: 'キャンセル', camera: 'カメラ', noflash: '色の点滅なし(代わりに顔を左右に向けます)',
    intro: 'ご本人がその場にいることを確認するため、数秒間お顔を撮影します。', hold: '楕円に顔を合わせて、動かないでください',
    closer: '楕円いっぱいになるまで近づいてください', left: '顔を左に向けて、戻してください', right: '顔を右に向けて、戻してください',
    smile: '笑ってください', blink: '少しのあいだ目を閉じてください', colour: '動かないでください。画面の色が変わります', wait: '確認しています…', done: '完了しました。',
    denied: 'カメラを使用できません。ブラウザーで許可して、もう一度お試しください。', failed: 'うまくいきませんでした。', warning: '画面の色が切り替わります。' },
  zh: { start: '开始', retry: '重试', cancel: '取消', camera: '摄像头', noflash: '不显示变换的颜色(改为转头)',
    intro: '我们将拍摄您的面部几秒钟,以确认您本人在场。', hold: '请保持不动,面部对准椭圆',
    closer: '请靠近,直到面部充满椭圆', left: '请向左转头,然后转回', right: '请向右转头,然后转回',
    smile: '请微笑', blink: '请闭眼片刻', colour: '请保持不动,屏幕颜色会变化', wait: '正在检查…', done: '完成,谢谢。',
    denied: '无法使用摄像头。请在浏览器中允许后重试。', failed: '未能成功。', warning: '屏幕将显示变换的颜色。' },
};

export function pickWords(language) {
  return words[(language || 'en').slice(0, 2).toLowerCase()] || words.en;
}
