"""Passwords that everyone tries first: those of eight characters and more from published lists."""

from __future__ import annotations

_LISTED = """
00000000 11111111 11223344 12121212 123123123 1234554321 12341234 12345678 123456789 1234567890
123456abc 12345qwert 1234qwer 123654789 123qweasd 147258369 159357159 1q2w3e4r 1q2w3e4r5t
1qaz2wsx 1qaz2wsx3edc 22222222 66666666 741852963 77777777 789456123 87654321 88888888 963852741
987654321 9876543210 99999999 a1234567 a12345678 a123456789 aa123456 aaaaaaaa abc12345 abcd1234
abcdefgh access14 admin123 admin1234 administrator adminadmin alexander america1 asdasdasd
asdf1234 asdfasdf asdfghjk asdfghjkl asdfqwer baseball basketball beautiful bigdaddy blink182
brooklyn butterfly casino123 casino1234 changeme changeme123 charlie1 chelsea1 chocolate
computer corvette courtney cowboys1 creative danielle december dolphins dragon123 einstein
elephant estrella explorer fernando firebird football football1 football123 gangster
garfield gateway1 goldfish hardcore hello123 helloworld icecream iloveyou iloveyou1 iloveyou2
internet jackson1 jennifer jonathan jordan23 lakers24 letmein1 letmein123 liverpool liverpool1
lovelove manchester marlboro maverick melissa1 mercedes metallica michael1 michelle midnight
monkey123 motorola mountain mustang1 nicholas november p@ssw0rd p@ssword passw0rd passw0rd1
password password! password1 password1! password12 password123 password1234 password12345
password123! password2 patricia pitboss123 pitbull1 platinum pokemon123 princess princess1
q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsxedc qwe123qwe qwer1234 qwerasdf qwert123 qwertyui
qwerty12 qwerty123 qwerty1234 qwerty123456 qwertyuiop qwertyuiop123 rainbow1 redskins remember
rush2112 samantha samsung1 scorpion security serenity slipknot snickers spiderman srinivas
starwars steelers sunshine sunshine1 superman superman1 superstar swordfish test1234
testtest trustno1 undertaker victoria welcome1 welcome12 welcome123 welcome1234 whatever
williams wolverine xbox360x yankees1 zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123
correcthorsebatterystaple thisismypassword mypassword mypassword1 mypassword123 letmeinplease
administrator1 administrator123 qwertyuiop1234567890
"""

COMMON = frozenset(_LISTED.split())
