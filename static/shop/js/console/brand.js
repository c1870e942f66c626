/** The merchant's logo, kept in this browser and put where the shop's own stands. */

const KEY = "demo-logo";
const LARGEST = 300000; // characters: local storage is small

export function showLogo() {
  const logo = localStorage.getItem(KEY);
  if (!logo?.startsWith("data:image/")) return;
  for (const mark of document.querySelectorAll(".wordmark > svg")) {
    const image = new Image();
    image.src = logo;
    image.alt = "";
    image.className = "demo-logo";
    mark.replaceWith(image);
  }
}

export function takeLogo() {
  const field = document.getElementById("brand-logo");
  field?.addEventListener("change", () => {
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      if (reader.result.length > LARGEST) field.setCustomValidity("Choose a picture of at most 200 kB.");
      else {
        field.setCustomValidity("");
        localStorage.setItem(KEY, reader.result);
        showLogo();
      }
      field.reportValidity();
    });
    if (field.files[0]) reader.readAsDataURL(field.files[0]);
  });
  document.querySelector("[data-no-logo]")?.addEventListener("click", () => {
    localStorage.removeItem(KEY);
    location.reload();
  });
}
