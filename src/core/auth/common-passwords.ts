/** Passwords of at least ten characters that head every published list of leaked ones, in lower case. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  1234567890 0123456789 9876543210 0987654321 1234567891 12345678910 123456789a a123456789 123456789q q123456789
  1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3e zaq12wsxcde3 zaq1zaq1zaq1 q1w2e3r4t5 q1w2e3r4t5y6 qwer1234qwer
  qwertyuiop qwertyuiop1 qwertyuiop123 qwerty1234 qwerty12345 qwerty123456 qwerty123456789 123456qwerty 12345qwert
  1234qwerty qwerty123qwerty qwertyqwerty qazwsxedcrfv qazwsxedc1 qazwsxedc123 qazxswedcvfr asdfghjkl1 asdfghjkl123
  asdfghjkl12 asdfasdfasdf asdf1234asdf asdfghjkl; asdfjkl123 zxcvbnm123 zxcvbnm1234 zxcvbnmasdfghjkl poiuytrewq
  mnbvcxzlkjhgfdsa lkjhgfdsapoiuytrewq azertyuiop azerty12345 azerty1234 qwertzuiop qwertz1234 йцукенгшщз
  йцукен12345 йцукен123456 qwe123qwe123 qweasdzxc123 qweasdzxc1 123qweasdzxc 123qwe123qwe 1a2b3c4d5e abc123456789
  abcd123456 abcde12345 abcdef1234 abcdef123456 abcdefghij abcdefghijk abcdefghijklmnop abc1234567 a1b2c3d4e5
  a1b2c3d4e5f6 aa12345678 aa123456789 aaa1234567 as12345678 qq12345678 qq123456789 zz12345678 asd1234567
  password12 password123 password1234 password12345 password123456 password2020 password2021 password2022
  password2023 password2024 password2025 password2026 password99 password69 password01 password11 passwordpassword
  mypassword mypassword1 mypassword123 newpassword newpassword1 newpassword123 thepassword yourpassword badpassword
  goodpassword strongpassword securepassword changepassword defaultpassword testpassword adminpassword rootpassword
  userpassword wordpass123 passwort123 passwort1234 motdepasse1 motdepasse123 contrasena1 contrasenha parola1234
  p@ssw0rd12 p@ssw0rd123 p@ssw0rd1234 p@ssword123 passw0rd12 passw0rd123 passw0rd1234 pa55word123 pa$$w0rd123
  administrator administrator1 admin12345 admin123456 admin1234567 adminadmin admin@1234 admin@12345 root123456
  rootrootroot welcome123 welcome1234 welcome12345 welcome2020 welcome2021 welcome2022 welcome2023 welcome2024
  welcome2025 welcome2026 welcome@123 letmein123 letmein1234 letmeinnow letmeinplease changeme123 changeme1234
  changeme12 changemenow test123456 test1234567 testtest123 testtesttest testing123 testing1234 guest12345
  user123456 temp123456 temporary1 temppassword trustno1234 iloveyou12 iloveyou123 iloveyou1234 iloveyou2020
  iloveyouso iloveyou!! iloveyouforever ilovemymom iloveu1234 ilovejesus loveyou123 lovelove123 iloveme123
  princess12 princess123 princess1234 sunshine12 sunshine123 sunshine1234 football12 football123 football1234
  baseball12 baseball123 basketball basketball1 basketball123 volleyball softball12 superman12 superman123
  superman1234 batman12345 spiderman1 spiderman123 starwars12 starwars123 pokemon123 pokemon1234 minecraft1
  minecraft123 michael123 michelle123 charlie123 jordan1234 jessica123 jennifer123 butterfly1 butterfly123
  dragon1234 dragon12345 dragonball dragonball1 dragonballz monkey1234 monkey12345 shadow1234 shadow12345
  master1234 master12345 hello12345 hello123456 hellohello hellokitty helloworld helloworld1 helloworld123
  blink182blink computer12 computer123 computer1234 internet12 internet123 samsung123 samsung1234 google1234
  facebook12 facebook123 whatever12 whatever123 liverpool1 liverpool123 manchester manchester1 manchesterunited
  barcelona1 barcelona123 realmadrid realmadrid1 chelsea123 arsenal123 juventus123 christian1 jesuschrist
  jesuslovesme godisgood1 jesus12345 blessed123 family1234 friends123 friendship mercedes123 ferrari123
  chocolate1 chocolate123 cheesecake strawberry strawberry1 watermelon flower1234 beautiful1 beautiful123
  summer2020 summer2021 summer2022 summer2023 summer2024 summer2025 winter2023 winter2024 winter2025
  spring2024 spring2025 autumn2024 autumn2025 monday1234 sunday1234 america123 california california1
  correcthorse correcthorsebatterystaple unknown123 default123 secret1234 secret12345 secretsecret access1234
  qwerty1qwerty superstar1 superstar123 rockstar123 killer1234 killer12345 lovely1234 forever123 nothing123
  messenger1 messenger12 messenger123 messenger1234
  `
    .trim()
    .split(/\s+/),
);
